// The addon: makes programs of plans and runs them. ../addon.ts says what each function takes and gives.
#include <node_api.h>
#include <sys/mman.h>
#include <cstdlib>
#include <string>
#include "program.h"

// The instruction sets that this processor has, the best one first.
static std::vector<std::string> instructionSets() {
  std::vector<std::string> sets;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
    sets.push_back("avx512");
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) sets.push_back("avx2");
  return sets;
}

static float* block(size_t floats) {
  const size_t large = 2u << 20, bytes = (floats * sizeof(float) + 63) / 64 * 64;
  void* p = nullptr;
  if (posix_memalign(&p, bytes >= large ? large : 64, bytes ? bytes : 64) != 0) return nullptr;
#ifdef MADV_HUGEPAGE
  if (bytes >= large) madvise(p, bytes, MADV_HUGEPAGE);
#endif
  return static_cast<float*>(p);
}

static napi_value fail(napi_env env, const char* message) {
  napi_throw_error(env, nullptr, message);
  return nullptr;
}

static void* dataOf(napi_env env, napi_value array, size_t* length) {
  napi_typedarray_type type;
  void* data = nullptr;
  napi_get_typedarray_info(env, array, &type, length, &data, nullptr, nullptr);
  return data;
}

static void destroy(napi_env env, void* data, void*) {
  auto* program = static_cast<Program*>(data);
  int64_t now;
  napi_adjust_external_memory(env, -(int64_t)(program->memorySize * sizeof(float)), &now);
  free(program->memory);
  free(program->scratch);
  delete program;
}

static napi_value create(napi_env env, napi_callback_info info) {
  napi_value arguments[4];
  size_t count = 4;
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  char set[8] = {};
  size_t length = 0;
  napi_get_value_string_utf8(env, arguments[3], set, sizeof set, &length);
  const auto* words = static_cast<const int32_t*>(dataOf(env, arguments[0], &length));
  double floats = 0;
  napi_get_value_double(env, arguments[2], &floats);

  auto* program = new Program();
  program->run = std::string(set) == "avx512" ? avx512::run : avx2::run;
  size_t constants = 0;
  const auto* data = static_cast<const float*>(dataOf(env, arguments[1], &constants));
  program->constants.assign(data, data + constants);
  program->memorySize = (size_t)floats;
  program->memory = block(program->memorySize);
  program->scratch = block(packedA + packedB + (size_t)2 * maxRegisters * registerPitch);
  if (!program->memory || !program->scratch) {
    free(program->memory);
    free(program->scratch);
    delete program;
    return fail(env, "no memory for the plan");
  }
  Reader reader(words, length, &program->instructions);
  for (int n = reader.next(); n > 0; n--) {
    const int space = reader.next();
    program->slots.push_back({static_cast<Space>(space), reader.next()});
  }
  program->body = reader.instructions();
  slotsSwapped(program->body, program->swapped);
  for (const Slot& slot : program->slots)
    program->original.push_back(slot.space == arena      ? program->memory + slot.at
                                : slot.space == constant ? program->constants.data() + slot.at
                                                         : nullptr);
  program->at = program->original;
  int64_t now;
  napi_adjust_external_memory(env, (int64_t)(program->memorySize * sizeof(float)), &now);
  napi_value result;
  napi_create_external(env, program, destroy, nullptr, &result);
  return result;
}

static napi_value run(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  size_t count = 3;
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  void* external = nullptr;
  napi_get_value_external(env, arguments[0], &external);
  auto& program = *static_cast<Program*>(external);
  for (size_t s = 0; s < program.slots.size(); s++) {
    const Slot& slot = program.slots[s];
    if (slot.space != input && slot.space != output) continue;
    napi_value array;
    napi_get_element(env, arguments[slot.space == input ? 1 : 2], slot.at, &array);
    size_t length;
    program.at[s] = static_cast<float*>(dataOf(env, array, &length));
  }
  program.run(program);
  return nullptr;
}

// Begins to take times, and gives those since it was last called: a number of milliseconds for each instruction, loops with all inside them.
static napi_value times(napi_env env, napi_callback_info info) {
  napi_value argument, result, number;
  size_t count = 1;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  void* external = nullptr;
  napi_get_value_external(env, argument, &external);
  auto& program = *static_cast<Program*>(external);
  napi_create_array(env, &result);
  for (size_t i = 0; i < program.times.size(); i++) {
    napi_create_double(env, program.times[i], &number);
    napi_set_element(env, result, i, number);
  }
  program.times.assign(program.instructions, 0);
  return result;
}

static napi_value namesOfSets(napi_env env, napi_callback_info) {
  napi_value names, name;
  napi_create_array(env, &names);
  uint32_t i = 0;
  for (const std::string& set : instructionSets()) {
    napi_create_string_utf8(env, set.c_str(), set.size(), &name);
    napi_set_element(env, names, i++, name);
  }
  return names;
}

NAPI_MODULE_INIT() {
  const napi_property_descriptor functions[] = {
      {"create", nullptr, create, nullptr, nullptr, nullptr, napi_enumerable, nullptr},
      {"run", nullptr, run, nullptr, nullptr, nullptr, napi_enumerable, nullptr},
      {"times", nullptr, times, nullptr, nullptr, nullptr, napi_enumerable, nullptr},
      {"instructionSets", nullptr, namesOfSets, nullptr, nullptr, nullptr, napi_enumerable, nullptr},
  };
  napi_define_properties(env, exports, 4, functions);
  return exports;
}

// Runs a program. This file is compiled once for each instruction set.
#include <chrono>
#include "inner.h"
#include "map.h"
#include "panels.h"
#include "small.h"
#include "softmax.h"

namespace ISA {

using Clock = std::chrono::steady_clock;

static void runAll(Program& program, const std::vector<Instruction>& body);

static void multiply(const Product& p, float* const* at, float* scratch) {
  const float* a = at[p.a.place.slot] + p.a.place.offset;
  const float* b = at[p.b.place.slot] + p.b.place.offset;
  const float* addend = p.hasAddend ? at[p.addend.slot] + p.addend.offset : nullptr;
  float* out = at[p.out.slot] + p.out.offset;
  float* const mapScratch = scratch + packedA + packedB;
  const auto part = [&](const std::shared_ptr<Map>& map, int begin, int end) {
    const Columns columns{begin, end};
    if (map) walk(*map, at, mapScratch, &columns);
  };
  if (p.inner) {
    const int run = std::min(runOf(p.a.columns, p.k), runOf(p.b.rows, p.k));
    innerProducts(p, run, a, b, addend, out, scratch);
  } else if (isSmall(p)) {
    smallProduct(p, a, b, addend, out, scratch);
  } else {
    panels(p, a, b, addend, out, scratch,
           [&](int begin, int end, bool after) { part(after ? p.after : p.before, begin, end); });
  }
}

static void runLoop(Program& program, const Loop& loop) {
  for (int i = 0; i < loop.length; i++) {
    const int k = loop.reverse ? loop.length - 1 - i : i;
    for (int slot : loop.swapped) program.at[slot] = program.original[slot];
    for (const Slice& slice : loop.slices)
      program.at[slice.slot] = program.at[slice.from.slot] + slice.from.offset + (ptrdiff_t)k * slice.stride;
    runAll(program, loop.body);
    for (const auto& [a, b] : loop.swaps) std::swap(program.at[a], program.at[b]);
  }
}

static void runAll(Program& program, const std::vector<Instruction>& body) {
  float* const* at = program.at.data();
  const bool timed = !program.times.empty();
  for (const Instruction& instruction : body) {
    const auto began = timed ? Clock::now() : Clock::time_point();
    switch (instruction.kind) {
      case Kind::product:
        multiply(*instruction.p, at, program.scratch);
        break;
      case Kind::map:
        walk(*instruction.m, at, program.scratch + packedA + packedB);
        break;
      case Kind::logSoftmax:
        logSoftmaxOf(*instruction.s, at, program.scratch);
        break;
      case Kind::loop:
        runLoop(program, *instruction.l);
        break;
    }
    if (timed)
      program.times[instruction.number] += std::chrono::duration<double, std::milli>(Clock::now() - began).count();
  }
}

void run(Program& program) {
  for (int slot : program.swapped) program.at[slot] = program.original[slot];
  runAll(program, program.body);
}

}  // namespace ISA

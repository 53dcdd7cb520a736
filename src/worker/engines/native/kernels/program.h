// A plan made ready to run: its memory and where each slot lies in it. One program is run by one thread at a time.
#pragma once
#include "chunks.h"

// Working memory of the kernels, in floats.
constexpr int packedB = 1 << 17, packedA = 1 << 17, maxRegisters = 512;
// Floats of an operand that a core's first cache keeps: 32 kB.
constexpr int firstCache = 8192;
// From register to register of a map: no multiple of 4096 bytes, at which stores and loads get in each other's way.
constexpr int registerPitch = chunk + 48;

struct Program {
  void (*run)(Program&) = nullptr;
  std::vector<Slot> slots;
  std::vector<Instruction> body;
  std::vector<float> constants;
  std::vector<int> swapped;
  float* memory = nullptr;
  size_t memorySize = 0;
  float* scratch = nullptr;
  std::vector<float*> at;        // where each slot lies now
  std::vector<float*> original;  // before loops exchanged or moved any
  int instructions = 0;
  std::vector<double> times;  // milliseconds by instruction, when asked for
};

// Runs a program whose inputs and outputs are bound: one function for each instruction set.
namespace avx2 {
void run(Program& program);
}
namespace avx512 {
void run(Program& program);
}

// A plan in memory: what ../encode.ts has written, decoded once. Knows no kernel.
#pragma once
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

constexpr int maxAxes = 12;
constexpr int smallWork = 4096;  // multiplications of a product that is not worth packing
constexpr int depth = 384;  // of a product's panels; part of a result's bits: sums are taken panel by panel

// Floats of a slot from `offset` on.
struct Place {
  int slot, offset;
};

// An axis of a matrix: index i lies `at(i)` floats from its begin. `run`: so many neighbours lie side by side.
struct Axis {
  int stride = 0, run = 1;
  std::vector<int32_t> table;  // where one stride does not tell
  int at(int i) const { return table.empty() ? i * stride : table[i]; }
  bool straight() const { return table.empty(); }
  bool unit() const { return table.empty() && stride == 1; }
};

struct Matrix {
  Place place;
  Axis rows, columns;
};

struct Map;

// Neighbours on an axis.
struct Run {
  int begin, count;
};

// Some rows of a product: which of its columns are computed there, over which indices of k.
struct Part {
  std::vector<int32_t> rows, columns;  // among those of the result
  Axis aRows, aColumns;                // where A has its rows and its indices of k
  std::vector<Run> runs;               // its columns
  struct Panel {
    int first, count;       // which of its indices of k lie in a panel
    std::vector<Run> runs;  // where they do
  };
  std::vector<Panel> panels;
  int m() const { return (int)rows.size(); }
  int n() const { return (int)columns.size(); }
};

struct Product {
  int m, n, k;
  std::vector<Part> parts;
  bool inner;  // as inner products, not in panels
  bool small;  // of so few multiplications that packing would take longer, and along straight axes
  float alpha;
  Matrix a, b;
  bool hasAddend;
  Place addend;
  int addendRow, addendColumn;
  Place out;
  int outRow, outColumn;
  // Maps that are computed with it, so many columns at a time: what makes B, and what reads the result.
  int group;
  bool localB, localOut;
  std::shared_ptr<Map> before, after;
};

// How a walk lies along some axes: one element after the other, always at the same one, or neither.
enum Form { inOrder, same, scattered };

struct Walk {
  Place place;
  int reg;
  int strides[maxAxes];
  bool local;   // holds only those columns that are worked on
  bool max;     // of a reduction: the largest, not the sum
  int outSize;  // of a reduction
  Form form;    // along all axes, of a map that is one chunk
};

struct Step {
  int op, out, a, b, c;
};

struct Map {
  std::vector<int> sizes;
  int begin, part;  // where chunks begin: an axis, of which each takes a part
  bool single;      // one chunk is all of it
  int registers;
  std::vector<Walk> loads, stores, reductions;
  std::vector<Step> steps;
};

struct LogSoftmax {
  int rows, classes;
  Place x;
  int rowStride, classStride;
  Place out;
};

struct Slice {
  int slot;
  Place from;
  int stride;
};

struct Instruction;
struct Loop {
  int length;
  bool reverse;
  std::vector<Slice> slices;
  std::vector<std::pair<int, int>> swaps;
  std::vector<int> swapped;  // slots that loops inside this one exchange: put back before each iteration
  std::vector<Instruction> body;
};

enum Kind { product, map, logSoftmax, loop };

struct Instruction {
  Kind kind;
  int number;  // in the order of the words
  std::shared_ptr<Product> p;
  std::shared_ptr<Map> m;
  std::shared_ptr<LogSoftmax> s;
  std::shared_ptr<Loop> l;
};

enum Space { arena, input, output, constant, slice };

struct Slot {
  Space space;
  int at;
};

// Reads words one after the other; counts instructions.
class Reader {
 public:
  Reader(const int32_t* words, size_t length, int* count) : at_(words), end_(words + length), count_(count) {}
  int next() { return at_ < end_ ? *at_++ : 0; }
  bool done() const { return at_ >= end_; }
  Place place() {
    Place p;
    p.slot = next();
    p.offset = next();
    return p;
  }
  std::vector<Instruction> instructions();

 private:
  Axis axis();
  std::vector<int32_t> places(int all);
  Part part(const Product& p);
  Walk walk(size_t axes, bool reduction);
  std::shared_ptr<Map> map();
  Instruction instruction();
  const int32_t *at_, *end_;
  int* count_;
};

void slotsSwapped(const std::vector<Instruction>& body, std::vector<int>& out);

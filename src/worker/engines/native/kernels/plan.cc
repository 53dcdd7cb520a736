#include "chunks.h"

Axis Reader::axis() {
  Axis axis;
  const int count = next();
  int sizes[maxAxes], strides[maxAxes], total = 1;
  for (int d = 0; d < count; d++) {
    sizes[d] = next();
    strides[d] = next();
    total *= sizes[d];
  }
  if (count == 0) return axis;
  axis.run = strides[count - 1] == 1 ? sizes[count - 1] : 1;
  if (count == 1) {
    axis.stride = strides[0];
    return axis;
  }
  axis.table.resize(total);
  for (int i = 0; i < total; i++) {
    int rest = i, offset = 0;
    for (int d = count - 1; d >= 0; d--) {
      offset += rest % sizes[d] * strides[d];
      rest /= sizes[d];
    }
    axis.table[i] = offset;
  }
  return axis;
}

// A list of places among `all`, or -1 for all of them.
std::vector<int32_t> Reader::places(int all) {
  const int count = next();
  std::vector<int32_t> out(count < 0 ? all : count);
  for (int i = 0; i < (int)out.size(); i++) out[i] = count < 0 ? i : next();
  return out;
}

// `places` of an axis of n.
static Axis picked(const Axis& axis, int n, const std::vector<int32_t>& places) {
  if ((int)places.size() == n) return axis;
  Axis out;
  for (int i : places) out.table.push_back(axis.at(i));
  return out;
}

// Those of some places, in order, that are not below `begin` but below `end`, as runs counted from `begin`.
static std::vector<Run> runsOf(const std::vector<int32_t>& places, int begin, int end) {
  std::vector<Run> runs;
  for (int i : places) {
    if (i < begin || i >= end) continue;
    if (runs.empty() || runs.back().begin + runs.back().count != i - begin) runs.push_back({i - begin, 0});
    runs.back().count++;
  }
  return runs;
}

Part Reader::part(const Product& p) {
  Part part;
  part.rows = places(p.m);
  part.columns = places(p.n);
  const std::vector<int32_t> depths = places(p.k);
  part.aRows = picked(p.a.rows, p.m, part.rows);
  part.aColumns = picked(p.a.columns, p.k, depths);
  part.runs = runsOf(part.columns, 0, p.n);
  for (int k0 = 0, first = 0; k0 < p.k; k0 += depth) {
    const std::vector<Run> runs = runsOf(depths, k0, k0 + depth);
    int count = 0;
    for (const Run& run : runs) count += run.count;
    part.panels.push_back({first, count, runs});
    first += count;
  }
  return part;
}

// Whether packing would take longer than multiplying: all of a product that lies as small.h reads it.
static bool isSmall(const Product& p) {
  const bool straight =
      p.a.rows.straight() && p.a.columns.straight() && p.b.rows.straight() && p.b.columns.straight();
  const bool whole = p.parts.size() == 1 && p.parts[0].m() == p.m && p.parts[0].n() == p.n && p.parts[0].panels.size() == 1 &&
                     p.parts[0].panels[0].count == p.k;
  return straight && whole && !p.inner && !p.before && !p.after && p.outColumn == 1 && p.addendColumn <= 1 &&
         (int64_t)p.m * p.n * p.k <= smallWork;
}

Walk Reader::walk(size_t axes, bool reduction) {
  Walk walk{};
  walk.place = place();
  walk.reg = next();
  walk.local = next();
  if (reduction) {
    walk.max = next();
    walk.outSize = next();
  }
  for (size_t axis = 0; axis < axes; axis++) walk.strides[axis] = next();
  return walk;
}

std::vector<Instruction> Reader::instructions() {
  std::vector<Instruction> out;
  while (!done()) out.push_back(instruction());
  return out;
}

std::shared_ptr<Map> Reader::map() {
  auto m = std::make_shared<Map>();
  for (int n = next(); n > 0; n--) m->sizes.push_back(next());
  m->registers = next();
  for (int n = next(); n > 0; n--) m->loads.push_back(walk(m->sizes.size(), false));
  for (int n = next(); n > 0; n--) {
    Step step;
    step.op = next();
    step.out = next();
    step.a = next();
    step.b = next();
    step.c = next();
    m->steps.push_back(step);
  }
  for (int n = next(); n > 0; n--) m->stores.push_back(walk(m->sizes.size(), false));
  for (int n = next(); n > 0; n--) m->reductions.push_back(walk(m->sizes.size(), true));
  cutIntoChunks(*m);
  settleForms(*m);
  return m;
}

Instruction Reader::instruction() {
  Instruction out{};
  out.number = (*count_)++;
  out.kind = static_cast<Kind>(next());
  const int length = next();
  const int32_t* end = at_ + length;
  switch (out.kind) {
    case product: {
      auto p = std::make_shared<Product>();
      p->m = next();
      p->n = next();
      p->k = next();
      const int bits = next();
      std::memcpy(&p->alpha, &bits, sizeof bits);
      for (Matrix* matrix : {&p->a, &p->b}) {
        matrix->place = place();
        matrix->rows = axis();
        matrix->columns = axis();
      }
      for (int n = next(); n > 0; n--) p->parts.push_back(part(*p));
      p->hasAddend = next();
      p->addend = place();
      p->addendRow = next();
      p->addendColumn = next();
      p->out = place();
      p->outRow = next();
      p->outColumn = next();
      p->inner = next();
      p->group = next();
      p->localB = next();
      p->localOut = next();
      if (next()) p->before = map();
      if (next()) p->after = map();
      p->small = isSmall(*p);
      out.p = p;
      break;
    }
    case Kind::map:
      out.m = map();
      break;
    case logSoftmax: {
      auto s = std::make_shared<LogSoftmax>();
      s->rows = next();
      s->classes = next();
      s->x = place();
      s->rowStride = next();
      s->classStride = next();
      s->out = place();
      out.s = s;
      break;
    }
    case loop: {
      auto l = std::make_shared<Loop>();
      l->length = next();
      l->reverse = next();
      for (int n = next(); n > 0; n--) {
        Slice slice;
        slice.slot = next();
        slice.from = place();
        slice.stride = next();
        l->slices.push_back(slice);
      }
      for (int n = next(); n > 0; n--) {
        const int a = next();
        l->swaps.emplace_back(a, next());
      }
      Reader inner(at_, end - at_, count_);
      l->body = inner.instructions();
      slotsSwapped(l->body, l->swapped);
      out.l = l;
      break;
    }
  }
  at_ = end;
  return out;
}

void slotsSwapped(const std::vector<Instruction>& body, std::vector<int>& out) {
  for (const Instruction& instruction : body) {
    if (instruction.kind != loop) continue;
    for (const auto& [a, b] : instruction.l->swaps) {
      out.push_back(a);
      out.push_back(b);
    }
    slotsSwapped(instruction.l->body, out);
  }
}

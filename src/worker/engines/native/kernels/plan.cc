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

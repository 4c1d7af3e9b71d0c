// The parts of the least time that the memory allows for a softmax.

#include <algorithm>

#include "bench/compare/implementation.h"
#include "bench/memory-movers.h"

namespace xnnx_bench {
namespace {

// Below, waking a thread takes longer than moving the memory.
constexpr size_t kSerialElements = 32768;
// A multiple of a cache line and of any tile, some microseconds of work.
constexpr size_t kPieceElements = 65536;

enum class Motion { kCopy, kCopyAroundCaches, kRead, kCopyAndScale };

class Mover : public Implementation {
 public:
  Mover(const Task& task, Motion motion) : task_(task), motion_(motion), movers_(find_memory_movers())
  {
    // One run of pieces a thread, as few as there are threads: every thread streams through its own part.
    const size_t parts = task.element_count() <= kSerialElements ? 1 : task.threads;
    part_elements_ = (task.element_count() + parts - 1) / parts;
    part_elements_ = (part_elements_ + kPieceElements - 1) / kPieceElements * kPieceElements;
    part_count_ = (task.element_count() + part_elements_ - 1) / part_elements_;
  }

  void run() override
  {
    pthreadpool_parallelize_1d(
        part_count_ > 1 ? task_.threadpool : nullptr, move_part, this, part_count_, /*flags=*/0);
  }
  bool computes_softmax() const override { return false; }
  size_t bytes_per_element() const override
  {
    switch (motion_) {
      case Motion::kRead:
        return sizeof(float);
      case Motion::kCopyAndScale:
        return 4 * sizeof(float);
      default:
        return 2 * sizeof(float);
    }
  }

 private:
  static void move_part(void* context, size_t part)
  {
    const Mover& mover = *static_cast<const Mover*>(context);
    const size_t first = part * mover.part_elements_;
    const size_t count = std::min(mover.part_elements_, mover.task_.element_count() - first);
    const float* input = mover.task_.input + first;
    float* output = mover.task_.output + first;
    switch (mover.motion_) {
      case Motion::kCopy:
        return mover.movers_.copy(input, output, count);
      case Motion::kCopyAroundCaches:
        return mover.movers_.copy_around_caches(input, output, count);
      case Motion::kRead:
        return mover.movers_.read(input, count);
      case Motion::kCopyAndScale:
        mover.movers_.copy(input, output, count);
        return mover.movers_.scale_in_place(output, count);
    }
  }

  Task task_;
  Motion motion_;
  MemoryMovers movers_;
  size_t part_elements_;
  size_t part_count_;
};

}  // namespace

std::unique_ptr<Implementation> make_copy(const Task& task)
{
  return std::make_unique<Mover>(task, Motion::kCopy);
}

std::unique_ptr<Implementation> make_copy_around_caches(const Task& task)
{
  return std::make_unique<Mover>(task, Motion::kCopyAroundCaches);
}

std::unique_ptr<Implementation> make_read(const Task& task)
{
  return std::make_unique<Mover>(task, Motion::kRead);
}

std::unique_ptr<Implementation> make_copy_and_scale(const Task& task)
{
  return std::make_unique<Mover>(task, Motion::kCopyAndScale);
}

}  // namespace xnnx_bench

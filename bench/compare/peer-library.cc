// Peers that come as shared libraries: bench/peer-library.h.

#include "bench/peer-library.h"

#include <dlfcn.h>

#include <map>

#include "bench/compare/implementation.h"

namespace xnnx_bench {
namespace {

// A peer may be another build of this library: its own symbols come first for it. Sanitizers do not allow that.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kOwnSymbolsFirst = 0;
#else
constexpr int kOwnSymbolsFirst = RTLD_DEEPBIND;
#endif

struct PeerLibrary {
  decltype(&xnnx_peer_create) create;
  decltype(&xnnx_peer_run) run;
  decltype(&xnnx_peer_delete) destroy;
};

template <typename Function>
void find(void* handle, const std::string& path, const char* name, Function* function)
{
  *function = reinterpret_cast<Function>(dlsym(handle, name));
  if (*function == nullptr) {
    throw std::runtime_error("--peer: " + path + " has no function " + name);
  }
}

// Stays open: it may have threads.
const PeerLibrary& load(const std::string& path)
{
  static std::map<std::string, PeerLibrary> libraries;
  const auto [library, is_new] = libraries.try_emplace(path);
  if (is_new) {
    void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | kOwnSymbolsFirst);
    if (handle == nullptr) {
      throw std::runtime_error(std::string("--peer: ") + dlerror());
    }
    find(handle, path, "xnnx_peer_create", &library->second.create);
    find(handle, path, "xnnx_peer_run", &library->second.run);
    find(handle, path, "xnnx_peer_delete", &library->second.destroy);
  }
  return library->second;
}

class Peer : public Implementation {
 public:
  Peer(const PeerLibrary& library, const Task& task) : library_(library)
  {
    const struct xnnx_peer_task peer_task = {
        sizeof(peer_task), task.rows, task.channels, task.threads, task.input, task.output, task.threadpool};
    const char* reason = nullptr;
    peer_ = library.create(&peer_task, &reason);
    if (peer_ == nullptr) {
      throw Unavailable(reason == nullptr ? "it gives no reason" : reason);
    }
  }
  ~Peer() override { library_.destroy(peer_); }

  void run() override { library_.run(peer_); }

 private:
  const PeerLibrary& library_;
  void* peer_;
};

}  // namespace

std::unique_ptr<Implementation> make_peer(const Task& task, const std::string& path)
{
  return std::make_unique<Peer>(load(path), task);
}

}  // namespace xnnx_bench

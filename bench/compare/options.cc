#include "bench/compare/options.h"

#include <getopt.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <sstream>

#include "bench/caches.h"
#include "bench/memory.h"
#include "src/xnnx/isa.h"

namespace xnnx_bench {
namespace {

const std::vector<std::string> kAllPeers = {"xnnpack", "onednn", "expf_loop", "upstream_like", "limit"};

std::vector<std::string> split_list(const std::string& text)
{
  std::vector<std::string> items;
  std::stringstream stream(text);
  for (std::string item; std::getline(stream, item, ',');) {
    items.push_back(item);
  }
  if (items.empty()) {
    items.push_back("");
  }
  return items;
}

size_t parse_count(const std::string& option, const std::string& text)
{
  const bool digits_only = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  errno = 0;
  const unsigned long long value = digits_only ? std::strtoull(text.c_str(), nullptr, 10) : 0;
  if (value == 0 || errno != 0) {
    throw BadOption(option + ": \"" + text + "\" is not a positive number");
  }
  return value;
}

Shape parse_shape(const std::string& text)
{
  const size_t cross = text.find('x');
  if (cross == std::string::npos) {
    throw BadOption("--shape: \"" + text + "\" is not ROWSxCHANNELS, such as 64x128");
  }
  const std::string option = "--shape=" + text;
  return {parse_count(option, text.substr(0, cross)), parse_count(option, text.substr(cross + 1))};
}

// Throws before anything is allocated: the system ends a program that takes more memory than there is.
void check_memory(const Options& options)
{
  // The input, the output, what ours computes, and ordinary values beside others.
  const bool ordinary_only = std::all_of(
      options.values.begin(), options.values.end(), [](const Values& values) { return values.is_ordinary(); });
  const size_t tensor_count = ordinary_only ? 3 : 4;
  const double available = static_cast<double>(available_memory_bytes());
  for (const Shape& shape : options.shapes) {
    const double needed = static_cast<double>(tensor_count * sizeof(float)) * static_cast<double>(shape.rows) *
                          static_cast<double>(shape.channels);
    if (needed > available) {
      char text[200];
      std::snprintf(
          text, sizeof(text), "--shape: %zux%zu needs %.0f MiB for %zu tensors, but %.0f MiB of memory are available",
          shape.rows, shape.channels, std::ceil(needed / 0x1p20), tensor_count, std::floor(available / 0x1p20));
      throw BadOption(text);
    }
  }
}

size_t parse_threads(const std::string& text)
{
  const size_t threads = parse_count("--threads", text);
  const size_t processors = count_usable_processors();
  if (threads > processors) {
    throw BadOption(
        "--threads: " + text + " threads would share " + std::to_string(processors) +
        (processors == 1 ? " processor" : " processors") + ", and a timing would say nothing");
  }
  return threads;
}

Algorithm parse_algorithm(const std::string& text)
{
  std::string known;
  for (const Algorithm& algorithm : all_algorithms()) {
    if (text == algorithm.name) {
      return algorithm;
    }
    known += std::string(" ") + algorithm.name;
  }
  throw BadOption("--algorithm: \"" + text + "\" is none of" + known);
}

std::string parse_isa(const std::string& text)
{
  std::string known;
  for (int i = 0; i < xnnx_isa_count; i++) {
    const char* name = xnnx_isa_name(static_cast<enum xnnx_isa>(i));
    if (text == name) {
      return text;
    }
    known += std::string(" ") + name;
  }
  throw BadOption("--isa: \"" + text + "\" is none of" + known);
}

std::string parse_peer(const std::string& text)
{
  if (is_peer_library(text)) {
    return text;
  }
  std::string known;
  for (const std::string& peer : kAllPeers) {
    if (text == peer) {
      return peer;
    }
    known += " " + peer;
  }
  throw BadOption(
      "--peer: \"" + text + "\" is none of" + known + ", not \"none\", and no path of a shared library, such as ./peer.so");
}

Values parse_values(const std::string& text)
{
  std::string known;
  for (const Values& values : all_values()) {
    if (text == values.name) {
      return values;
    }
    known += " " + values.name;
  }
  throw BadOption("--values: \"" + text + "\" is none of" + known);
}

double parse_seconds(const std::string& text)
{
  char* end = nullptr;
  const double seconds = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !(seconds > 0.0 && seconds <= 86400.0)) {
    throw BadOption("--seconds: \"" + text + "\" is not a positive number of seconds");
  }
  return seconds;
}

Format parse_format(const std::string& text)
{
  if (text == "table") {
    return Format::kTable;
  }
  if (text == "csv") {
    return Format::kCsv;
  }
  if (text == "part") {
    return Format::kPart;
  }
  throw BadOption("--format: \"" + text + "\" is neither table nor csv");
}

bool parse_choice(const std::string& option, const std::string& text, const std::string& no, const std::string& yes)
{
  if (text != no && text != yes) {
    throw BadOption(option + ": \"" + text + "\" is neither " + no + " nor " + yes);
  }
  return text == yes;
}

enum OptionCode {
  kShape = 256,  // beyond any character
  kThreads,
  kAlgorithm,
  kIsa,
  kPeer,
  kSeconds,
  kProcesses,
  kFormat,
  kPages,
  kValues,
  kStores,
  kMachine,
  kHelp,
};

const option kOptions[] = {
    {"shape", required_argument, nullptr, kShape},
    {"threads", required_argument, nullptr, kThreads},
    {"algorithm", required_argument, nullptr, kAlgorithm},
    {"isa", required_argument, nullptr, kIsa},
    {"peer", required_argument, nullptr, kPeer},
    {"seconds", required_argument, nullptr, kSeconds},
    {"processes", required_argument, nullptr, kProcesses},
    {"format", required_argument, nullptr, kFormat},
    {"pages", required_argument, nullptr, kPages},
    {"values", required_argument, nullptr, kValues},
    {"stores", required_argument, nullptr, kStores},
    {"machine", no_argument, nullptr, kMachine},
    {"help", no_argument, nullptr, kHelp},
    {nullptr, 0, nullptr, 0},
};

const char kUsage[] =
    "Compares softmax implementations on the same buffers, interleaved round by round.\n"
    "\n"
    "  --shape=RxN       rows x channels; repeat, or separate with commas    (64x128,16x1024,1x8192,1x1048576)\n"
    "  --threads=T       likewise                                            (1)\n"
    "  --algorithm=A     of ours, beside the automatic choice: blocked, two_pass, three_pass_recompute,\n"
    "                    three_pass_reload, none; likewise                   (all)\n"
    "  --isa=I           run ours limited to I (a value of XNNX_MAX_ISA) as well, such as avx2; likewise\n"
    "  --peer=P          xnnpack, onednn, expf_loop, upstream_like, limit, none; likewise   (all);\n"
    "                    or the path of a shared library, such as ./old.so: bench/peer-library.h\n"
    "  --seconds=S       for each shape and number of threads                (2)\n"
    "  --processes=N     that run one after the other and share these seconds   (3)\n"
    "  --format=F        table or csv                                        (table)\n"
    "  --pages=P         memory in small (4 KiB) or huge (2 MiB) pages       (huge)\n"
    "  --stores=S        automatic, or ordinary: ours with XNNX_FLAG_KEEP_OUTPUT_IN_CACHE; likewise   (automatic)\n"
    "  --values=V        what the rows hold; likewise, or all                (ordinary)\n"
    "  --machine         print the processor and its caches, and nothing else\n"
    "\n"
    "`limit` is the least time that this machine's memory allows: the better of an ordinary and a non-temporal copy\n"
    "of the input to the output, plus one more read of the input where a row does not fit the last-level cache.\n"
    "`copy_and_scale` is what the blocked algorithm moves of one row, without its arithmetic.\n"
    "`upstream_like` is a stand-in built like the newest XNNPACK operator, which no package has yet.\n"
    "Times are of warm calls, medians over rounds; ratio is the median over rounds of a time divided by that of ours.\n"
    "Both are medians over processes, and the lowest and the highest process stand beside them.\n"
    "With values that are not ordinary, `ours_ordinary` is ours on ordinary ones: a ratio of 1 if both take as long.\n"
    "What other programs disturbed is said: in the table, or in CSV's column disturbed and on the standard error.\n";

}  // namespace

// A path, and no name.
bool is_peer_library(const std::string& peer)
{
  return peer.find('/') != std::string::npos;
}

std::string usage()
{
  std::string text = std::string(kUsage) + "\nValues:\n";
  for (const Values& values : all_values()) {
    text += "  " + values.name + std::string(18 - values.name.size(), ' ') + values.meaning + "\n";
  }
  return text;
}

Options parse_options(int argc, char** argv)
{
  Options options = {{}, {}, {}, {}, {}, 2.0, 3, Format::kTable, Pages::kHuge, {}, {}, false, false};
  bool all_peers = true;
  bool every_algorithm = true;
  optind = 1;
  opterr = 0;
  for (int code; (code = getopt_long(argc, argv, "", kOptions, nullptr)) != -1;) {
    const std::string value = optarg != nullptr ? optarg : "";
    const std::vector<std::string> items = split_list(value);
    switch (code) {
      case kShape:
        std::transform(items.begin(), items.end(), std::back_inserter(options.shapes), parse_shape);
        break;
      case kThreads:
        std::transform(items.begin(), items.end(), std::back_inserter(options.threads), parse_threads);
        break;
      case kAlgorithm:
        every_algorithm = false;
        if (value != "none") {
          std::transform(items.begin(), items.end(), std::back_inserter(options.algorithms), parse_algorithm);
        }
        break;
      case kIsa:
        std::transform(items.begin(), items.end(), std::back_inserter(options.isas), parse_isa);
        break;
      case kPeer:
        all_peers = false;
        if (value != "none") {
          std::transform(items.begin(), items.end(), std::back_inserter(options.peers), parse_peer);
        }
        break;
      case kSeconds:
        options.seconds = parse_seconds(value);
        break;
      case kProcesses:
        options.processes = parse_count("--processes", value);
        break;
      case kFormat:
        options.format = parse_format(value);
        break;
      case kPages:
        options.pages = parse_choice("--pages", value, "small", "huge") ? Pages::kHuge : Pages::kSmall;
        break;
      case kValues:
        if (value == "all") {
          options.values = all_values();
        } else {
          std::transform(items.begin(), items.end(), std::back_inserter(options.values), parse_values);
        }
        break;
      case kStores:
        for (const std::string& item : items) {
          options.ordinary_stores.push_back(parse_choice("--stores", item, "automatic", "ordinary"));
        }
        break;
      case kMachine:
        options.machine = true;
        break;
      case kHelp:
        options.help = true;
        break;
      default:
        throw BadOption(std::string(argv[optind - 1]) + ": unknown option, or one without its value; try --help");
    }
  }
  if (optind < argc) {
    throw BadOption(std::string(argv[optind]) + ": options begin with --; try --help");
  }
  if (options.shapes.empty()) {
    options.shapes = {{64, 128}, {16, 1024}, {1, 8192}, {1, 1048576}};
  }
  if (options.threads.empty()) {
    options.threads = {1};
  }
  if (every_algorithm) {
    options.algorithms = all_algorithms();
  }
  if (options.isas.empty()) {
    options.isas = {""};
  }
  if (options.values.empty()) {
    options.values = {all_values().front()};
  }
  if (options.ordinary_stores.empty()) {
    options.ordinary_stores = {false};
  }
  if (all_peers) {
    options.peers = kAllPeers;
  }
  check_memory(options);
  return options;
}

}  // namespace xnnx_bench

// What counts as a layer, and the walk over its members.
#include <wengert/nn/layer.hpp>

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <wengert/nn/activations.hpp>
#include <wengert/nn/batch_norm.hpp>
#include <wengert/nn/dropout.hpp>
#include <wengert/nn/linear.hpp>
#include <wengert/nn/sequential.hpp>

namespace wengert::test {
namespace {

static_assert(nn::Layer<nn::Linear<float>, float> && nn::Layer<nn::BatchNorm<double>, double> && nn::Layer<nn::Dropout<float>, float>);
static_assert(nn::Layer<nn::ReLU<float>, float> && nn::Layer<nn::Sequential<double>, double>);
static_assert(!nn::Layer<nn::Linear<float>, double>, "the number types must agree");
static_assert(!nn::Layer<int, float>);

struct Recorder final : nn::Members<double> {
  std::vector<std::string> paths;

 private:
  void visit(const std::string& path, Parameter<double>&) override { paths.push_back(path); }
  void visit(const std::string& path, nn::Buffer<double>&) override { paths.push_back("buffer " + path); }
};

struct Inner {
  Parameter<double> w{"w", ones<double>({2})};
  nn::Buffer<double> average{"average", ones<double>({2})};
  void members(nn::Members<double>& all) {
    all("w", w);
    all("average", average);
  }
};

struct Outer {
  Inner left, right;
  Parameter<double> own{"own", ones<double>({1})};
  void members(nn::Members<double>& all) {
    all("left", left);
    all("right", right);
    all("own", own);
  }
};

TEST(Members, AreNamedByTheirPath) {
  Outer outer;
  Recorder recorder;
  outer.members(recorder);
  EXPECT_EQ(recorder.paths, (std::vector<std::string>{"left.w", "buffer left.average", "right.w", "buffer right.average", "own"}));
}

}  // namespace
}  // namespace wengert::test

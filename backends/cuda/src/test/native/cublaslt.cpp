// A look-alike of libcublasLt.so.13 for the products that the backend describes: float and bf16, batches, transposes,
// GELU and bias epilogues, all by their formulas. Matrices lie column by column, as the library counts.
#include "driver.hpp"
#include <cmath>
#include <cstdint>
#include <cstring>
#include <map>
#include <vector>

namespace {

enum Status { SUCCESS = 0, INVALID_VALUE = 7, NOT_SUPPORTED = 15 };
enum Type { FLOAT = 0, BF16 = 14 };
enum DescriptionAttribute {
  TRANSA = 3, TRANSB = 4, EPILOGUE = 7, BIAS_POINTER = 8, AUX_POINTER = 11, AUX_LD = 12, BIAS_TYPE = 26
};
enum LayoutAttribute { BATCH_COUNT = 5, BATCH_OFFSET = 6 };
enum PreferenceAttribute { MOST_WORKSPACE = 1 };
// The bits that the library's epilogues are put together from.
enum Epilogue {
  DEFAULT = 1, BIAS = 4, SUMS_OF_RESULT = 16, GELU = 32, DGELU = 64, AUX = 128, SUMS_OF_A = 256, SUMS_OF_B = 512
};

constexpr int TF32 = 77;
constexpr int64_t ALGORITHM = 0x616c676f72697468;

// Numbers by the code of their attribute, widened to 64 bits.
using Attributes = std::map<int, int64_t>;

int set(Attributes *attributes, int attribute, const void *value, size_t bytes) {
  int64_t number = 0;
  if (bytes > sizeof number) {
    return INVALID_VALUE;
  }
  memcpy(&number, value, bytes);
  (*attributes)[attribute] = number;
  return SUCCESS;
}

int64_t get(const Attributes &attributes, int attribute, int64_t otherwise) {
  auto found = attributes.find(attribute);
  return found == attributes.end() ? otherwise : found->second;
}

struct Layout {
  Attributes attributes;
  int type;
  int64_t rows, columns, stride;
};

struct Description {
  Attributes attributes;
  int compute;
};

struct Algorithm {
  int64_t magic, workspace, unused[6];
};

struct Proposal {
  Algorithm algorithm;
  size_t workspace;
  int state;
  float waves;
  int reserved[4];
};

float load(const void *p, int type, int64_t i) {
  if (type == FLOAT) {
    return ((const float *) p)[i];
  }
  uint32_t bits = (uint32_t) ((const uint16_t *) p)[i] << 16;
  float value;
  memcpy(&value, &bits, 4);
  return value;
}

void store(void *p, int type, int64_t i, float value) {
  if (type == FLOAT) {
    ((float *) p)[i] = value;
    return;
  }
  uint32_t bits;
  memcpy(&bits, &value, 4);
  ((uint16_t *) p)[i] = std::isnan(value) ? 0x7fff : (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
}

float gelu(float x) {
  return x / (1 + std::exp(-2 * 0.7978845608f * (x + 0.044715f * x * x * x)));
}

float gelu_slope(float x) {
  float s = 1 / (1 + std::exp(-2 * 0.7978845608f * (x + 0.044715f * x * x * x)));
  float rest = 1 / (1 + std::exp(2 * 0.7978845608f * (x + 0.044715f * x * x * x)));
  return s + x * s * rest * 2 * 0.7978845608f * (1 + 3 * 0.044715f * x * x);
}

// What a product is, with all that its descriptions said when it was queued.
struct Product {
  Attributes attributes;
  int compute;
  Layout a, b, c, d;
  const void *at_a, *at_b, *at_c;
  void *at_d;
  float alpha, beta;

  // op(X) of one matrix of a batch, row by row, so that rows of A meet columns of B without strides.
  std::vector<float> factor(const Layout &x, const void *at, bool transposed, int64_t batch, bool by_columns) const {
    int64_t rows = transposed ? x.columns : x.rows;
    int64_t columns = transposed ? x.rows : x.columns;
    std::vector<float> values(rows * columns);
    for (int64_t i = 0; i < rows; i++) {
      for (int64_t j = 0; j < columns; j++) {
        int64_t place = transposed ? i * x.stride + j : j * x.stride + i;
        float value = load(at, x.type, batch * get(x.attributes, BATCH_OFFSET, 0) + place);
        if (compute == TF32 && std::isfinite(value)) {
          int exponent;
          float fraction = std::frexp(value, &exponent);
          value = std::ldexp(std::nearbyint(fraction * 2048), exponent - 11);
        }
        values[by_columns ? j * rows + i : i * columns + j] = value;
      }
    }
    return values;
  }

  void multiply(int64_t batch) const {
    int64_t m = d.rows, n = d.columns, k = get(attributes, TRANSA, 0) ? a.rows : a.columns;
    int epilogue = get(attributes, EPILOGUE, DEFAULT);
    void *bias = (void *) get(attributes, BIAS_POINTER, 0);
    int bias_type = get(attributes, BIAS_TYPE, d.type);
    void *aux = (void *) get(attributes, AUX_POINTER, 0);
    int64_t aux_stride = get(attributes, AUX_LD, 0);
    std::vector<float> left = factor(a, at_a, get(attributes, TRANSA, 0), batch, false);
    std::vector<float> right = factor(b, at_b, get(attributes, TRANSB, 0), batch, true);
    std::vector<float> sums(epilogue & SUMS_OF_B ? n : m);
    for (int64_t j = 0; j < n; j++) {
      for (int64_t i = 0; i < m; i++) {
        float sum = 0;
        for (int64_t p = 0; p < k; p++) {
          sum += left[i * k + p] * right[j * k + p];
        }
        float z = alpha * sum;
        if (beta != 0) {
          z += beta * load(at_c, c.type, batch * get(c.attributes, BATCH_OFFSET, 0) + j * c.stride + i);
        }
        if (epilogue & BIAS) {
          z += load(bias, bias_type, i);
        }
        if (epilogue & GELU) {
          if (epilogue & AUX) {
            store(aux, d.type, j * aux_stride + i, z);
          }
          z = gelu(z);
        } else if (epilogue & DGELU) {
          z *= gelu_slope(load(aux, d.type, j * aux_stride + i));
        }
        store(at_d, d.type, batch * get(d.attributes, BATCH_OFFSET, 0) + j * d.stride + i, z);
        if (epilogue & SUMS_OF_RESULT) {
          sums[i] += z;
        }
      }
    }
    for (size_t i = 0; epilogue & (SUMS_OF_A | SUMS_OF_B) && i < sums.size(); i++) {
      for (int64_t p = 0; p < k; p++) {
        sums[i] += (epilogue & SUMS_OF_A ? left : right)[i * k + p];
      }
    }
    for (size_t i = 0; epilogue & (SUMS_OF_RESULT | SUMS_OF_A | SUMS_OF_B) && i < sums.size(); i++) {
      store(bias, bias_type, i, sums[i]);
    }
  }
};

bool supported(const Description &description, const Layout &a, const Layout &b, const Layout &c, const Layout &d) {
  int epilogue = get(description.attributes, EPILOGUE, DEFAULT);
  for (const Layout *x : {&a, &b, &c, &d}) {
    if ((x->type != FLOAT && x->type != BF16) || x->stride < x->rows) {
      return false;
    }
  }
  return a.type == b.type && c.type == d.type && (a.type == BF16 || d.type == FLOAT)
      && (!(epilogue & AUX) || (get(description.attributes, AUX_LD, 0) % 8 == 0 && get(d.attributes, BATCH_COUNT, 1) == 1));
}

// Sizes of op(A), op(B), C and D that belong together.
bool fit(const Description &description, const Layout &a, const Layout &b, const Layout &c, const Layout &d) {
  bool ta = get(description.attributes, TRANSA, 0), tb = get(description.attributes, TRANSB, 0);
  int64_t batch = get(d.attributes, BATCH_COUNT, 1);
  return (ta ? a.columns : a.rows) == d.rows && (tb ? b.rows : b.columns) == d.columns
      && (ta ? a.rows : a.columns) == (tb ? b.columns : b.rows) && c.rows == d.rows && c.columns == d.columns
      && get(a.attributes, BATCH_COUNT, 1) == batch && get(b.attributes, BATCH_COUNT, 1) == batch;
}

}  // namespace

extern "C" {

size_t cublasLtGetVersion() {
  return 130101;
}

size_t cublasLtGetCudartVersion() {
  return 13000;
}

const char *cublasLtGetStatusName(int status) {
  return status == SUCCESS ? "CUBLAS_STATUS_SUCCESS"
      : status == NOT_SUPPORTED ? "CUBLAS_STATUS_NOT_SUPPORTED" : "CUBLAS_STATUS_INVALID_VALUE";
}

const char *cublasLtGetStatusString(int status) {
  return status == SUCCESS ? "success" : status == NOT_SUPPORTED ? "not supported" : "an argument is wrong";
}

int cublasLtCreate(void **handle) {
  *handle = new char;
  return SUCCESS;
}

int cublasLtDestroy(void *handle) {
  delete (char *) handle;
  return SUCCESS;
}

int cublasLtMatmulDescCreate(Description **description, int compute, int) {
  *description = new Description{{}, compute};
  return SUCCESS;
}

int cublasLtMatmulDescDestroy(Description *description) {
  delete description;
  return SUCCESS;
}

int cublasLtMatmulDescSetAttribute(Description *description, int attribute, const void *value, size_t bytes) {
  return set(&description->attributes, attribute, value, bytes);
}

int cublasLtMatrixLayoutCreate(Layout **layout, int type, uint64_t rows, uint64_t columns, int64_t stride) {
  *layout = new Layout{{}, type, (int64_t) rows, (int64_t) columns, stride};
  return SUCCESS;
}

int cublasLtMatrixLayoutDestroy(Layout *layout) {
  delete layout;
  return SUCCESS;
}

int cublasLtMatrixLayoutSetAttribute(Layout *layout, int attribute, const void *value, size_t bytes) {
  return set(&layout->attributes, attribute, value, bytes);
}

int cublasLtMatmulPreferenceCreate(Attributes **preference) {
  *preference = new Attributes();
  return SUCCESS;
}

int cublasLtMatmulPreferenceDestroy(Attributes *preference) {
  delete preference;
  return SUCCESS;
}

int cublasLtMatmulPreferenceSetAttribute(Attributes *preference, int attribute, const void *value, size_t bytes) {
  return set(preference, attribute, value, bytes);
}

// Two algorithms, which compute the same: one without a workspace, one that asks for a megabyte.
int cublasLtMatmulAlgoGetHeuristic(
    void *, Description *description, Layout *a, Layout *b, Layout *c, Layout *d, Attributes *preference, int wanted,
    Proposal *proposals, int *found) {
  *found = 0;
  if (!fit(*description, *a, *b, *c, *d)) {
    return INVALID_VALUE;
  }
  if (!supported(*description, *a, *b, *c, *d)) {
    return NOT_SUPPORTED;
  }
  for (int64_t workspace : {0, 1 << 20}) {
    if (*found < wanted && workspace <= get(*preference, MOST_WORKSPACE, 0)) {
      proposals[(*found)++] = {{ALGORITHM, workspace, {}}, (size_t) workspace, 0, 1, {}};
    }
  }
  return SUCCESS;
}

int cublasLtMatmul(
    void *, Description *description, const float *alpha, const void *at_a, Layout *a, const void *at_b, Layout *b,
    const float *beta, const void *at_c, Layout *c, void *at_d, Layout *d, const Algorithm *algorithm, void *workspace,
    size_t workspace_bytes, void *stream) {
  if (!fit(*description, *a, *b, *c, *d) || !algorithm || algorithm->magic != ALGORITHM
      || (size_t) algorithm->workspace > workspace_bytes || (workspace_bytes && !workspace)) {
    return INVALID_VALUE;
  }
  if (!supported(*description, *a, *b, *c, *d)) {
    return NOT_SUPPORTED;
  }
  Product product{description->attributes, description->compute, *a, *b, *c, *d, at_a, at_b, at_c, at_d, *alpha, *beta};
  return fake_submit(stream, "matmul", [product] {
    for (int64_t batch = 0; batch < get(product.d.attributes, BATCH_COUNT, 1); batch++) {
      product.multiply(batch);
    }
  });
}

}  // extern "C"

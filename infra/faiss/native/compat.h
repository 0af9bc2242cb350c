// Included ahead of faiss-node's source, so that it compiles against the FAISS the system has.
//
// faiss-node 0.5.1 is written for FAISS 1.7.4, where the index type is faiss::idx_t. Debian 12 has
// 1.7.3, where it is still a member of Index. Checked with the headers of 1.7.3, 1.7.4, 1.8.0, 1.9.0
// and 1.15.0; in 1.7.2 Index::merge_from, which faiss-node calls, is not there yet.
#pragma once
#include <faiss/Index.h>

#define SLUICE_FAISS (FAISS_VERSION_MAJOR * 10000 + FAISS_VERSION_MINOR * 100 + FAISS_VERSION_PATCH)

#if SLUICE_FAISS < 10703
#error "faiss-node needs FAISS 1.7.3 or newer"
#elif SLUICE_FAISS < 10704
namespace faiss {
using idx_t = Index::idx_t;
}
#endif

seal.o: services/api/base/seal.c services/api/base/seal.h \
  common/base/attr.h services/api/base/pool.h services/api/base/text.h

services/api/base/seal.h:

common/base/attr.h:

services/api/base/pool.h:

services/api/base/text.h:

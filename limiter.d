limiter.o: common/base/limiter.c common/base/limiter.h common/base/addr.h \
  common/base/attr.h common/base/bucket.h common/base/map.h

common/base/limiter.h:

common/base/addr.h:

common/base/attr.h:

common/base/bucket.h:

common/base/map.h:

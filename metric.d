metric.o: common/base/metric.c common/base/metric.h common/base/attr.h \
  common/base/buf.h

common/base/metric.h:

common/base/attr.h:

common/base/buf.h:

forwarded.o: common/proto/forwarded.c common/proto/forwarded.h \
  common/base/addr.h common/base/attr.h

common/proto/forwarded.h:

common/base/addr.h:

common/base/attr.h:

io.o: common/net/io.c common/net/io.h common/base/attr.h \
  common/net/loop.h

common/net/io.h:

common/base/attr.h:

common/net/loop.h:

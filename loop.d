loop.o: common/net/loop.c common/net/loop.h common/base/attr.h

common/net/loop.h:

common/base/attr.h:

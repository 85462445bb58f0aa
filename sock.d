sock.o: common/net/sock.c common/net/sock.h common/base/addr.h \
  common/base/attr.h

common/net/sock.h:

common/base/addr.h:

common/base/attr.h:

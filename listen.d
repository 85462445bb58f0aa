listen.o: common/net/listen.c common/net/listen.h common/base/addr.h \
  common/base/attr.h common/net/io.h common/net/loop.h \
  common/proto/forwarded.h common/base/log.h common/net/sock.h \
  common/proto/proxyproto.h

common/net/listen.h:

common/base/addr.h:

common/base/attr.h:

common/net/io.h:

common/net/loop.h:

common/proto/forwarded.h:

common/base/log.h:

common/net/sock.h:

common/proto/proxyproto.h:

stream.o: common/net/stream.c common/net/stream.h common/base/addr.h \
  common/base/attr.h common/net/loop.h common/net/ws.h \
  common/proto/forwarded.h common/base/buf.h common/net/io.h \
  common/proto/frame.h

common/net/stream.h:

common/base/addr.h:

common/base/attr.h:

common/net/loop.h:

common/net/ws.h:

common/proto/forwarded.h:

common/base/buf.h:

common/net/io.h:

common/proto/frame.h:

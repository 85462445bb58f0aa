ops.o: common/process/ops.c common/process/ops.h common/base/attr.h \
  common/base/buf.h common/net/loop.h common/base/log.h \
  common/base/addr.h common/net/io.h common/net/listen.h \
  common/proto/forwarded.h common/net/sock.h

common/process/ops.h:

common/base/attr.h:

common/base/buf.h:

common/net/loop.h:

common/base/log.h:

common/base/addr.h:

common/net/io.h:

common/net/listen.h:

common/proto/forwarded.h:

common/net/sock.h:

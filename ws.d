ws.o: common/net/ws.c common/net/ws.h common/base/addr.h \
  common/base/attr.h common/net/loop.h common/proto/forwarded.h \
  common/base/log.h common/net/ws_conn.h common/base/buf.h \
  common/proto/wsframe.h

common/net/ws.h:

common/base/addr.h:

common/base/attr.h:

common/net/loop.h:

common/proto/forwarded.h:

common/base/log.h:

common/net/ws_conn.h:

common/base/buf.h:

common/proto/wsframe.h:

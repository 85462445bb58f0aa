ws_conn.o: common/net/ws_conn.c common/net/ws_conn.h common/base/buf.h \
  common/base/attr.h common/net/ws.h common/base/addr.h \
  common/net/loop.h common/proto/forwarded.h common/proto/wsframe.h

common/net/ws_conn.h:

common/base/buf.h:

common/base/attr.h:

common/net/ws.h:

common/base/addr.h:

common/net/loop.h:

common/proto/forwarded.h:

common/proto/wsframe.h:

ws_cert.o: common/net/ws_cert.c common/base/log.h common/base/addr.h \
  common/base/attr.h common/net/ws_conn.h common/base/buf.h \
  common/net/ws.h common/net/loop.h common/proto/forwarded.h

common/base/log.h:

common/base/addr.h:

common/base/attr.h:

common/net/ws_conn.h:

common/base/buf.h:

common/net/ws.h:

common/net/loop.h:

common/proto/forwarded.h:

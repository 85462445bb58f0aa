proxyproto.o: common/proto/proxyproto.c common/proto/proxyproto.h \
  common/base/addr.h common/base/attr.h

common/proto/proxyproto.h:

common/base/addr.h:

common/base/attr.h:

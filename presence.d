presence.o: common/site/presence.c common/site/presence.h \
  common/base/addr.h common/base/attr.h common/site/transport.h

common/site/presence.h:

common/base/addr.h:

common/base/attr.h:

common/site/transport.h:

mailbox.o: common/net/mailbox.c common/net/mailbox.h common/base/attr.h \
  common/net/loop.h

common/net/mailbox.h:

common/base/attr.h:

common/net/loop.h:

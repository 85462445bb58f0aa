pubkey.o: services/utils/client/pubkey.c services/utils/client/pubkey.h \
  common/base/attr.h common/proto/keys.h

services/utils/client/pubkey.h:

common/base/attr.h:

common/proto/keys.h:

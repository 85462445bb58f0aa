keys_file.o: common/proto/keys_file.c common/proto/keys.h \
  common/base/attr.h

common/proto/keys.h:

common/base/attr.h:

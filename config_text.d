config_text.o: common/config/config_text.c common/config/config_text.h \
  common/base/attr.h

common/config/config_text.h:

common/base/attr.h:

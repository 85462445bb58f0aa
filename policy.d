policy.o: common/site/policy.c common/site/policy.h common/base/attr.h

common/site/policy.h:

common/base/attr.h:

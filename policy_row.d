policy_row.o: common/site/policy_row.c common/site/policy_row.h \
  common/site/policy.h common/base/attr.h

common/site/policy_row.h:

common/site/policy.h:

common/base/attr.h:

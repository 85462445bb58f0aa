bucket.o: common/base/bucket.c common/base/bucket.h

common/base/bucket.h:

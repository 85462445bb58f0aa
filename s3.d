s3.o: services/api/base/s3.c services/api/base/s3.h common/base/attr.h

services/api/base/s3.h:

common/base/attr.h:

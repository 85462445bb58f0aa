record_script.o: common/site/record_script.c common/site/record_script.h

common/site/record_script.h:

/*
 * openapi: the route table as an OpenAPI 3.1 document, and the pages for
 * people who open the server in a browser.
 */
#pragma once

#include "services/api/core/call.h"

int openapi(struct call *c);
int openapi_version(struct call *c);

#ifndef VIDYUT_CPQ_H
#define VIDYUT_CPQ_H

#include <libpq-fe.h>

// The field codes are character literals in libpq's header, which Swift does not import.
static const int VIDYUT_PQ_SEVERITY = PG_DIAG_SEVERITY_NONLOCALIZED;
static const int VIDYUT_PQ_SQLSTATE = PG_DIAG_SQLSTATE;
static const int VIDYUT_PQ_MESSAGE = PG_DIAG_MESSAGE_PRIMARY;
static const int VIDYUT_PQ_DETAIL = PG_DIAG_MESSAGE_DETAIL;
static const int VIDYUT_PQ_HINT = PG_DIAG_MESSAGE_HINT;
static const int VIDYUT_PQ_CONTEXT = PG_DIAG_CONTEXT;
static const int VIDYUT_PQ_TABLE = PG_DIAG_TABLE_NAME;
static const int VIDYUT_PQ_COLUMN = PG_DIAG_COLUMN_NAME;
static const int VIDYUT_PQ_CONSTRAINT = PG_DIAG_CONSTRAINT_NAME;
static const int VIDYUT_PQ_SOURCE_FUNCTION = PG_DIAG_SOURCE_FUNCTION;

#endif

/* output_header.h: the comment lines that every CSV file of a method begins with. */
#ifndef STANLITE_RUNTIME_OUTPUT_HEADER_H
#define STANLITE_RUNTIME_OUTPUT_HEADER_H
#include "runtime/arguments.h"
#include "runtime/csv_writer.h"

/* Version, model, start and configuration, as CmdStan writes them. */
void sl_header_write(sl_csv_writer *writer, const sl_arguments *arguments);

#endif

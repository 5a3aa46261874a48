-- The rows of a file on their way into layers.{table}.
CREATE TEMPORARY TABLE incoming ON COMMIT DROP AS
SELECT {columns} FROM layers.{table} WITH NO DATA

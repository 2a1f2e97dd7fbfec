using System.Globalization;
using TaaS.Kernels;

namespace TaaS.Engine.Data;

/// <summary>Numbers separated by commas, one sample a line, the label (a whole number from 0) in one column; a first line of names is skipped.</summary>
public sealed class CsvDataset : IDataset
{
    private readonly float[] _values;
    private readonly int[] _labels;

    private CsvDataset(float[] values, int[] labels, Shape sampleShape, int classes) =>
        (_values, _labels, SampleShape, Classes) = (values, labels, sampleShape, classes);

    /// <inheritdoc/>
    public int Count => _labels.Length;

    /// <inheritdoc/>
    public Shape SampleShape { get; }

    /// <inheritdoc/>
    public int Classes { get; }

    /// <summary>Reads a file into memory and checks all of it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="labelColumn">Column of the label; negative counts from the last.</param>
    /// <param name="sampleShape">Shape of a sample; one axis of all other columns unless told.</param>
    /// <exception cref="DataException">Missing file, wrong number of columns, something that is no number, a label out of range.</exception>
    public static CsvDataset Open(string path, int classes, int labelColumn = -1, Shape? sampleShape = null)
    {
        if (!File.Exists(path))
        {
            throw new DataException($"data file {path} does not exist; check the path");
        }

        var values = new List<float>();
        var labels = new List<int>();
        var columns = 0;
        var lineNumber = 0;
        foreach (var line in File.ReadLines(path))
        {
            lineNumber++;
            var fields = line.Split(',', StringSplitOptions.TrimEntries);
            if (line.Length == 0 || (lineNumber == 1 && !TryNumber(fields[0], out _)))
            {
                continue;
            }

            columns = columns == 0 ? fields.Length : columns;
            if (fields.Length != columns)
            {
                throw new DataException($"{path}:{lineNumber}: {fields.Length} columns, the lines before have {columns}");
            }

            var label = labelColumn < 0 ? columns + labelColumn : labelColumn;
            if (label < 0 || label >= columns || columns < 2)
            {
                throw new DataException($"{path}:{lineNumber}: no label column {labelColumn} beside data in {columns} columns");
            }

            for (var column = 0; column < columns; column++)
            {
                if (column == label)
                {
                    labels.Add(int.TryParse(fields[column], NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) && value >= 0 && value < classes
                        ? value
                        : throw new DataException($"{path}:{lineNumber}: label '{fields[column]}' is out of range, expected a whole number from 0 to {classes - 1}"));
                }
                else
                {
                    values.Add(TryNumber(fields[column], out var value)
                        ? value
                        : throw new DataException($"{path}:{lineNumber}: column {column + 1} is '{fields[column]}', expected a number"));
                }
            }
        }

        if (labels.Count == 0)
        {
            throw new DataException($"data file {path} holds no samples");
        }

        var shape = sampleShape ?? new Shape(columns - 1);
        return shape.Elements == columns - 1
            ? new CsvDataset([.. values], [.. labels], shape, classes)
            : throw new DataException($"{path}: {columns - 1} data columns do not make a sample of {shape}");
    }

    /// <inheritdoc/>
    public void Read(int index, Span<float> sample, out int label)
    {
        _values.AsSpan(index * sample.Length, sample.Length).CopyTo(sample);
        label = _labels[index];
    }

    private static bool TryNumber(string text, out float value) =>
        float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
}

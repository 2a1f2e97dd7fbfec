namespace TaaS.Kernels.Reference;

internal sealed class ReferenceSoftmax : ISoftmaxKernels
{
    public void Softmax(View x, View y) => EachRow(x, (row, classes) =>
    {
        var input = x.Floats.Slice(row * classes, classes);
        var output = y.Floats.Slice(row * classes, classes);
        var logSum = LogSumExp(input);
        for (var i = 0; i < classes; i++)
        {
            output[i] = (float)Math.Exp(input[i] - logSum);
        }
    });

    public void SoftmaxBackward(View y, View dy, View dx) => EachRow(y, (row, classes) =>
    {
        double dot = 0;
        for (var i = row * classes; i < (row + 1) * classes; i++)
        {
            dot += (double)dy.Floats[i] * y.Floats[i];
        }

        for (var i = row * classes; i < (row + 1) * classes; i++)
        {
            dx.Floats[i] = (float)(y.Floats[i] * (dy.Floats[i] - dot));
        }
    });

    public void LogSoftmax(View x, View y) => EachRow(x, (row, classes) =>
    {
        var input = x.Floats.Slice(row * classes, classes);
        var output = y.Floats.Slice(row * classes, classes);
        var logSum = LogSumExp(input);
        for (var i = 0; i < classes; i++)
        {
            output[i] = (float)(input[i] - logSum);
        }
    });

    public void LogSoftmaxBackward(View y, View dy, View dx) => EachRow(y, (row, classes) =>
    {
        double sum = 0;
        for (var i = row * classes; i < (row + 1) * classes; i++)
        {
            sum += dy.Floats[i];
        }

        for (var i = row * classes; i < (row + 1) * classes; i++)
        {
            dx.Floats[i] = (float)(dy.Floats[i] - Math.Exp(y.Floats[i]) * sum);
        }
    });

    public void CrossEntropy(View logits, View labels, View loss, View dlogits)
    {
        double total = 0;
        var rows = logits.Shape[0];
        EachRow(logits, (row, classes) =>
        {
            var input = logits.Floats.Slice(row * classes, classes);
            var output = dlogits.Floats.Slice(row * classes, classes);
            var label = labels.Ints[row];
            var logSum = LogSumExp(input);
            total += logSum - input[label];
            for (var i = 0; i < classes; i++)
            {
                output[i] = (float)((Math.Exp(input[i] - logSum) - (i == label ? 1 : 0)) / rows);
            }
        });
        loss.Floats[0] = (float)(total / rows);
    }

    private static double LogSumExp(ReadOnlySpan<float> row)
    {
        var largest = double.NegativeInfinity;
        foreach (var value in row)
        {
            largest = Math.Max(largest, value);
        }

        double sum = 0;
        foreach (var value in row)
        {
            sum += Math.Exp(value - largest);
        }

        return largest + Math.Log(sum);
    }

    private static void EachRow(View x, Action<int, int> visit)
    {
        for (var row = 0; row < x.Shape[0]; row++)
        {
            visit(row, x.Shape[1]);
        }
    }
}

using Microsoft.ML.OnnxRuntime;
using TaaS.Benchmarks.Operations;

namespace TaaS.Benchmarks.Peers;

/// <summary>ONNX Runtime's CPU provider.</summary>
internal static class OnnxRuntime
{
    /// <summary>Loads a model; the action runs it once, on memory that was made before.</summary>
    /// <exception cref="PeerException">The runtime does not load or refuses the model.</exception>
    internal static Action Prepare(OnnxModel model, int threads)
    {
        try
        {
            var options = new SessionOptions { IntraOpNumThreads = threads, InterOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR };
            var session = new InferenceSession(model.ToBytes(), options);
            var run = new RunOptions();
            var seed = 0;
            string[] inputNames = [.. model.Inputs.Select(input => input.Name)], outputNames = [.. model.Outputs.Select(output => output.Name)];
            OrtValue[] inputs = [.. model.Inputs.Select(input => Value(input.Shape, ++seed))], outputs = [.. model.Outputs.Select(output => Value(output.Shape, ++seed))];
            return () => session.Run(run, inputNames, inputs, outputNames, outputs);
        }
        catch (Exception error) when (error is OnnxRuntimeException or DllNotFoundException or TypeInitializationException)
        {
            throw new PeerException($"ONNX Runtime does not run here: {(error.InnerException ?? error).Message}", error);
        }
    }

    private static OrtValue Value(int[] shape, int seed)
    {
        long[] lengths = [.. shape.Select(length => (long)length)];
        return OrtValue.CreateTensorValueFromMemory(Inputs.Values(lengths.Aggregate(1L, (a, b) => a * b), seed), lengths);
    }
}

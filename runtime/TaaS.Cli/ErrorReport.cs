using TaaS.Engine;
using TaaS.Engine.Data;
using TaaS.Engine.Formats;
using TaaS.Jobs;
using TaaS.Kernels;
using TaaS.Runtime;

namespace TaaS.Cli;

/// <summary>Turns a failure into the line a user reads and the exit code a script reads.</summary>
internal static class ErrorReport
{
    /// <summary>What to say in one line, and how to end.</summary>
    public static (string Message, int Code) Describe(Exception error) => error switch
    {
        JobException => (error.Message, ExitCode.Usage),
        TrainingCanceledException => (error.Message, ExitCode.Interrupted),
        OperationCanceledException => ("interrupted", ExitCode.Interrupted),
        MissingDeviceException => (error.Message, ExitCode.Missing),
        DataException or SafeTensorsException or CheckpointException => (error.Message, ExitCode.BadData),
        TaaSException or DeviceException or IOException or UnauthorizedAccessException => (error.Message, ExitCode.Failed),
        AggregateException { InnerExceptions: [var only] } => Describe(only),
        _ => ($"defect: {error.GetType().Name}: {error.Message}; please report it with what --verbose shows", ExitCode.Failed),
    };
}

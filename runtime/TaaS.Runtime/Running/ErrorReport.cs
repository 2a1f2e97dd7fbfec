using System.Diagnostics;
using TaaS.Engine;
using TaaS.Engine.Data;
using TaaS.Engine.Formats;
using TaaS.Jobs;
using TaaS.Kernels;
using TaaS.Runtime.Programs;

namespace TaaS.Runtime;

/// <summary>Turns a failure into the line a user reads and the exit code a script reads.</summary>
public static class ErrorReport
{
    /// <summary>What to say in one line, and how to end.</summary>
    public static (string Message, int Code) Describe(Exception error) => error switch
    {
        JobException => (error.Message, ExitCode.Usage),
        TrainingCanceledException => (error.Message, ExitCode.Interrupted),
        OperationCanceledException => ("interrupted", ExitCode.Interrupted),
        MissingDeviceException or MissingSdkException => (error.Message, ExitCode.Missing),
        DataException or SafeTensorsException or CheckpointException or ProgramException => (error.Message, ExitCode.BadData),
        TaaSException or IOException or UnauthorizedAccessException => (error.Message, ExitCode.Failed),
        _ when DeviceException.Find(error) is { } device => (device.Message, ExitCode.Failed),
        AggregateException { InnerExceptions: [var only] } => Describe(only),
        _ when FailingMember(error) is { } member => ($"{member} failed: {error.GetType().Name}: {OneLine(error.Message)}", ExitCode.Failed),
        _ => ($"defect: {error.GetType().Name}: {OneLine(error.Message)}; please report it with the stack that --verbose or a role's log shows", ExitCode.Failed),
    };

    // What nobody expected is a defect of ours, unless it came out of the user's own code.
    private static string? FailingMember(Exception error)
    {
        var own = ExamplePrograms.Own?.GetType().Assembly;
        var frame = Array.Find(new StackTrace(error).GetFrames(), frame => own is not null && frame.GetMethod()?.DeclaringType?.Assembly == own);
        return frame?.GetMethod() is { } method ? $"the program's {method.DeclaringType!.Name}.{method.Name}" : null;
    }

    private static string OneLine(string message) => message.ReplaceLineEndings(" ");
}

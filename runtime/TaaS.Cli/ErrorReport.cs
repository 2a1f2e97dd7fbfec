using TaaS.Engine;
using TaaS.Jobs;
using TaaS.Runtime;

namespace TaaS.Cli;

/// <summary>Turns an expected failure into the lines a user reads and the exit code a script reads.</summary>
internal static class ErrorReport
{
    /// <summary>Describes an error; false for a defect of ours, which keeps its stack trace.</summary>
    public static bool TryDescribe(Exception error, out string message, out int code)
    {
        (message, code) = error switch
        {
            JobException job => (job.Message, ExitCode.Usage),
            OperationCanceledException => ("interrupted", ExitCode.Interrupted),
            FileNotFoundException or DirectoryNotFoundException => (error.Message, ExitCode.BadData),
            TaaSException => (error.Message, error.GetType().Name is "DataException" or "SafeTensorsException" ? ExitCode.BadData : ExitCode.Failed),
            IOException or UnauthorizedAccessException => (error.Message, ExitCode.Failed),
            AggregateException { InnerExceptions: [var only] } when TryDescribe(only, out var inner, out var innerCode) => (inner, innerCode),
            _ => ("", ExitCode.Failed),
        };
        return message.Length > 0;
    }
}

using System.CommandLine;

namespace TaaS.Benchmarks.Distributed.Commands;

/// <summary>Options that several commands have, checked before anything is measured.</summary>
internal static class CommonOptions
{
    /// <summary>A file to write, in a folder that exists.</summary>
    internal static Option<string?> File(string name, string description)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = "FILE" };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } file && Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder && !Directory.Exists(folder))
            {
                result.AddError($"{name}: the folder {folder} does not exist");
            }
        });
        return option;
    }

    /// <summary>Writes a file, if one was asked for.</summary>
    /// <returns>Exit code.</returns>
    internal static int Save(string? path, Action<string> write)
    {
        try
        {
            if (path is not null)
            {
                write(path);
            }

            return ExitCode.Success;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return ExitCode.Say($"{path} could not be written: {error.Message}", ExitCode.Failed);
        }
    }
}

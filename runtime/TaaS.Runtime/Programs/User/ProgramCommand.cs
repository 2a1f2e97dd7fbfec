namespace TaaS.Runtime.Programs;

/// <summary>How to start a user's program.</summary>
/// <param name="Executable">The file to run.</param>
/// <param name="Arguments">Its first arguments.</param>
public sealed record ProgramCommand(string Executable, IReadOnlyList<string> Arguments);

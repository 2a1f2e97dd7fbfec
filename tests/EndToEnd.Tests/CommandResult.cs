namespace TaaS.EndToEnd.Tests;

/// <summary>What a finished command left behind.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Errors)
{
    public override string ToString() => $"exit code {ExitCode}\n--- output\n{Output}\n--- errors\n{Errors}";

    public void AssertSucceeded() => Assert.True(ExitCode == 0, ToString());

    /// <summary>It ended with this code, in one line that says this, and showed no stack.</summary>
    public void AssertRefused(int code, string mention)
    {
        Assert.True(ExitCode == code, $"expected exit code {code}, got {this}");
        Assert.True(Errors.Contains(mention, StringComparison.Ordinal), $"expected '{mention}' in {this}");
        Assert.True(Errors.TrimEnd().Split('\n').Length == 1, $"expected one line on standard error, got {this}");
        Assert.DoesNotContain("   at ", Output + Errors, StringComparison.Ordinal);
    }
}

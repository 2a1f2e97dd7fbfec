namespace TaaS.Operator.Tests;

/// <summary>A wrong option ends in one line that says which.</summary>
public sealed class OptionReaderTests
{
    [Fact]
    public void CommandLine_GoesBeforeTheEnvironment()
    {
        var options = OptionReader.Read(["--metrics-port", "9", "--namespace=team"], static name => name switch { "TAAS_OPERATOR_METRICS_PORT" => "8", "TAAS_OPERATOR_ROLE_IMAGE" => "mine", _ => null });

        Assert.Equal((9, "team", "mine"), (options.MetricsPort, options.Namespace, options.RoleImage));
    }

    [Theory]
    [InlineData("--nonsense", "'--nonsense' is no option here; --help lists them")]
    [InlineData("--metrics-port", "--metrics-port needs a value: PORT")]
    [InlineData("--metrics-port=70000", "--metrics-port: expected a whole number from 0 to 65535, got '70000'")]
    [InlineData("--leader-elect=maybe", "--leader-elect: expected one of true, false, got 'maybe'")]
    [InlineData("--pass-interval=0", "--pass-interval: expected a whole number from 1 to 3600, got '0'")]
    public void WrongOption_IsNamed(string argument, string message) =>
        Assert.Equal(message, Assert.Throws<OptionException>(() => OptionReader.Read([argument], static _ => null)).Message);

    [Fact]
    public void Help_NamesEveryOption() =>
        Assert.All(["--kubeconfig", "--namespace", "--metrics-port", "--webhook-port", "--role-image", "--leader-elect"], option => Assert.Contains(option, OptionReader.Help, StringComparison.Ordinal));
}

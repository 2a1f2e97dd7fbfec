using System.CommandLine;

namespace TaaS.Benchmarks;

/// <summary>An option that takes a whole number, checked before anything is measured.</summary>
internal static class WholeNumber
{
    /// <summary>A whole number from 1.</summary>
    /// <param name="name">The option's.</param>
    /// <param name="description">What it is for.</param>
    /// <param name="usual">Its value where it is not given.</param>
    /// <param name="most">The greatest that is taken.</param>
    internal static Option<int> Option(string name, string description, int usual, int most)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => usual };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => !int.TryParse(token.Value, out var number) || number < 1 || number > most))
            {
                result.AddError($"{name}: give a number from 1 to {most}");
            }
        });
        return option;
    }
}

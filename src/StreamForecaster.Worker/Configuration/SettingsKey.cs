using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;

namespace StreamForecaster.Worker.Configuration;

/// <summary>A key that an options record offers: a public property that can be set.</summary>
/// <param name="Property">The property.</param>
/// <param name="Name">The key as it is written.</param>
/// <param name="IsSecret">Whether its value is never shown.</param>
/// <param name="HasFile">Whether the binder reads it from the file named beside it.</param>
/// <param name="TakesNull">Whether null is a value of it.</param>
sealed record SettingsKey(PropertyInfo Property, string Name, bool IsSecret, bool HasFile, bool TakesNull)
{
    static readonly ConcurrentDictionary<Type, SettingsKey[]> Known = new();

    /// <summary>The keys of an options record in the order of their declaration.</summary>
    public static SettingsKey[] Of(Type record) => Known.GetOrAdd(record, static type =>
    {
        NullabilityInfoContext nullability = new();
        return
        [
            .. from property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
               where property.SetMethod is not null && property.GetIndexParameters().Length == 0
               select new SettingsKey(
                   property,
                   JsonNamingPolicy.CamelCase.ConvertName(property.Name),
                   property.IsDefined(typeof(SecretAttribute)) || (property.PropertyType == typeof(string) && SecretAttribute.EndsSo(property.Name)),
                   property.IsDefined(typeof(SecretAttribute)),
                   nullability.Create(property).WriteState == NullabilityState.Nullable),
        ];
    });

    /// <summary>Whether a type is an options record, to be walked into, rather than one value.</summary>
    public static bool IsRecord(Type type) =>
        type is { IsClass: true, IsArray: false, IsGenericType: false } && type != typeof(string) && type != typeof(Uri)
        && type.GetConstructor(Type.EmptyTypes) is not null;

    /// <summary>The type of a list's entries, or null where the type is no list.</summary>
    public static Type? EntryOf(Type type) =>
        type.IsArray ? type.GetElementType()
        : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0]
        : null;

    /// <summary>The type of a dictionary's values, or null where the type is none. Keys are text.</summary>
    public static Type? ValueOf(Type type) =>
        type.IsGenericType && (type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>) || type.GetGenericTypeDefinition() == typeof(IDictionary<,>))
            ? type.GetGenericArguments()[1]
            : null;
}

// From text to a kernel: one pass over the statements, then branches get their targets.
#include "operations.h"
#include "ptx.h"
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct { const char *text, *operands; uint16_t operation; } form;
static const form FORMS[] = {
#define OPERANDS_GIVEN(name, text, operands, ...) { text, operands, name },
#define COMPARISON_GIVEN(name, text, ...) { text, "pww", name },
    UNARY_OPERATIONS(OPERANDS_GIVEN) BINARY_OPERATIONS(OPERANDS_GIVEN) COMPARISONS(COMPARISON_GIVEN) PREDICATE_OPERATIONS(OPERANDS_GIVEN) OTHER_OPERATIONS(OPERANDS_GIVEN)
};

typedef struct { char name[64]; int64_t offset; size_t bytes; } symbol;
typedef struct { symbol *items; int count; } symbols;

typedef struct {
    kernel *made;
    symbols parameters, shared, labels;
    char **targets;        // label of each branch, else null
    place first[4];        // registers r, rd, f, p: where each kind begins
    int counts[4];
    size_t constant_bytes;
    int line;
    char *problem;
    size_t problem_bytes;
} parser;

static bool fail(parser *p, const char *format, ...)
{
    int written = snprintf(p->problem, p->problem_bytes, "line %d: ", p->line);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(p->problem + written, p->problem_bytes - written, format, arguments);
    va_end(arguments);
    return false;
}

static symbol *find(symbols *all, const char *name)
{
    for (int i = 0; i < all->count; i++)
        if (strcmp(all->items[i].name, name) == 0) return all->items + i;
    return NULL;
}

static symbol *add(symbols *all, const char *name)
{
    all->items = realloc(all->items, (all->count + 1) * sizeof *all->items);
    symbol *made = all->items + all->count++;
    *made = (symbol){ .offset = 0 };
    snprintf(made->name, sizeof made->name, "%s", name);
    return made;
}

static place constant(parser *p, uint64_t value, size_t width)
{
    kernel *k = p->made;
    place at = (place)p->constant_bytes;
    p->constant_bytes += width * WARP;
    k->constants = realloc(k->constants, p->constant_bytes);
    for (int lane = 0; lane < WARP; lane++) memcpy(k->constants + at + lane * width, &value, width);
    return ~at;
}

// The kinds of registers as ILGPU names them.
static int kind_of(const char *text, int *number)
{
    static const char *names[] = { "%r", "%rd", "%f", "%p" };
    int end;
    for (int kind = 3; kind >= 0; kind--)
        if (strncmp(text, names[kind], strlen(names[kind])) == 0 && sscanf(text + strlen(names[kind]), "%d%n", number, &end) == 1 && text[strlen(names[kind]) + end] == 0 && isdigit(text[strlen(names[kind])]))
            return kind;
    return -1;
}

static size_t lanes_of(int kind) { return kind == 1 ? 8 * WARP : kind == 3 ? 8 : 4 * WARP; }

static bool parse_register(parser *p, const char *text, char what, place *at)
{
    int number, kind = kind_of(text, &number);
    if (kind < 0 || number >= p->counts[kind]) return fail(p, "%s is no register that was declared", text);
    if (what != (kind == 1 ? 'd' : kind == 3 ? 'p' : 'w')) return fail(p, "%s has another size than its instruction asks for", text);
    *at = p->first[kind] + (place)(number * lanes_of(kind));
    return true;
}

static bool parse_value(parser *p, const char *text, char what, place *at)
{
    if (text[0] == '%') return parse_register(p, text, what, at);
    symbol *shared = find(&p->shared, text);
    char *end;
    uint64_t value = shared ? (uint64_t)shared->offset : strncasecmp(text, "0f", 2) == 0 ? strtoul(text + 2, &end, 16) : strtoull(text, &end, 10);
    if (!shared && *end) return fail(p, "%s is neither a register nor a number", text);
    if (what == 'p') {
        // One bit a lane, as a register has them.
        *at = constant(p, value ? UINT64_MAX : 0, 4);
        return true;
    }
    *at = constant(p, value, what == 'd' ? 8 : 4);
    return true;
}

// [%rd1], [%rd1+16], [parameter+8]
static bool parse_address(parser *p, char *text, bool parameter, instruction *i)
{
    size_t length = strlen(text);
    if (text[0] != '[' || text[length - 1] != ']') return fail(p, "%s is no address", text);
    text[length - 1] = 0;
    char *plus = strchr(++text, '+');
    if (plus) {
        *plus = 0;
        i->displacement = strtoll(plus + 1, NULL, 10);
    }
    if (!parameter) return parse_register(p, text, 'd', &i->operands[4]);
    symbol *known = find(&p->parameters, text);
    if (known == NULL) return fail(p, "%s is no parameter", text);
    if (i->displacement < 0 || (size_t)i->displacement >= known->bytes) return fail(p, "%s has %zu bytes, read at %lld", text, known->bytes, (long long)i->displacement);
    i->displacement += known->offset;
    return true;
}

// One operand, and whether it is well formed; slot says which of the instruction's it is.
static bool parse_operand(parser *p, char *text, char what, instruction *i, int *slot)
{
    if (what == 'l') {
        p->targets[p->made->length] = strdup(text);
        return true;
    }
    if (what == 'a' || what == 'm') return parse_address(p, text, what == 'm', i);
    if (text[0] != '{') return parse_value(p, text, what, &i->operands[(*slot)++]);
    char *rest = text + 1, *element;
    text[strlen(text) - 1] = 0;
    i->elements = 0;
    while ((element = strtok_r(rest, ", ", &rest)) != NULL) {
        if (i->elements == 4) return fail(p, "vectors have at most four elements");
        if (!parse_value(p, element, what, &i->operands[(*slot)++])) return false;
        i->elements++;
    }
    return true;
}

// Cuts at commas that stand in no braces.
static int split(char *text, char **parts, int most)
{
    int count = 0, depth = 0;
    char *start = text;
    for (char *at = text;; at++) {
        if (*at == '{') depth++;
        if (*at == '}') depth--;
        if ((*at == ',' && depth == 0) || *at == 0) {
            bool last = *at == 0;
            *at = 0;
            while (isspace(*start)) start++;
            for (char *end = at; end > start && isspace(end[-1]);) *--end = 0;
            if (*start && count < most) parts[count++] = start;
            if (last) return count;
            start = at + 1;
        }
    }
}

static const form *form_of(parser *p, char *name, char **operands, instruction *i)
{
    static const char *specials[] = { "%tid.x", "%ntid.x", "%ctaid.x", "%nctaid.x", "%laneid" };
    char plain[64] = "";
    i->elements = 1;
    i->uniform = strcmp(name, "bra.uni") == 0;
    snprintf(plain, sizeof plain, "%.40s", i->uniform ? "bra" : name);
    char *vector = strstr(plain, ".v4.");
    if (vector == NULL) vector = strstr(plain, ".v2.");
    if (vector) {
        i->elements = vector[2] - '0';
        memmove(vector, vector + 3, strlen(vector + 3) + 1);
    }
    for (int s = 0; operands[1] && s < 5; s++)
        if (strcmp(operands[1], specials[s]) == 0) {
            strcat(plain, " ");
            strcat(plain, specials[s]);
        }
    for (size_t f = 0; f < sizeof FORMS / sizeof *FORMS; f++)
        if (strcmp(FORMS[f].text, plain) == 0) return FORMS + f;
    fail(p, "%s is not emulated: add it to operations.h", plain);
    return NULL;
}

static bool parse_instruction(parser *p, char *text)
{
    kernel *k = p->made;
    instruction i = { .guard = NONE, .target = -1, .line = p->line };
    for (int slot = 0; slot < 6; slot++) i.operands[slot] = NONE;
    k->lines[k->length] = strdup(text);
    if (*text == '@') {
        char *guard = ++text;
        text += strcspn(text, " \t");
        *text++ = 0;
        i.inverted = *guard == '!';
        if (!parse_register(p, guard + i.inverted, 'p', &i.guard)) return false;
        text += strspn(text, " \t");
    }
    char *name = text, *operands[8] = { NULL };
    text += strcspn(text, " \t");
    if (*text) *text++ = 0;
    int given = split(text, operands, 7);
    const form *known = form_of(p, name, operands, &i);
    if (known == NULL) return false;
    i.operation = known->operation;
    if (strchr(known->text, '%')) given = 1;
    if ((size_t)given != strlen(known->operands)) return fail(p, "%s takes %zu operands, not %d", name, strlen(known->operands), given);
    int elements = i.elements, slot = 0;
    for (int o = 0; o < given; o++)
        if (!parse_operand(p, operands[o], known->operands[o], &i, &slot)) return false;
    if (i.elements != elements) return fail(p, "%s names %d elements", name, i.elements);
    k->code[k->length++] = i;
    return true;
}

// .reg .b32 %r<10>  and  .shared .align 8 .b8 name[256]
static bool parse_declaration(parser *p, const char *text)
{
    static const char *registers[] = { ".reg .b32 %%r<%d>", ".reg .b64 %%rd<%d>", ".reg .f32 %%f<%d>", ".reg .pred %%p<%d>" };
    int count;
    for (int kind = 0; kind < 4; kind++)
        if (sscanf(text, registers[kind], &count) == 1 && strstr(text, kind == 1 ? "%rd" : kind == 0 ? "%r<" : kind == 2 ? "%f" : "%p")) {
            p->first[kind] = (place)p->made->register_bytes;
            p->counts[kind] = count;
            p->made->register_bytes += (count * lanes_of(kind) + 63) / 64 * 64;
            return true;
        }
    char name[64];
    int alignment;
    size_t bytes;
    if (sscanf(text, ".shared .align %d .b8 %63[^[][%zu]", &alignment, name, &bytes) == 3) {
        kernel *k = p->made;
        k->shared_bytes = (k->shared_bytes + alignment - 1) / alignment * alignment;
        symbol *made = add(&p->shared, name);
        made->offset = (int64_t)k->shared_bytes;
        made->bytes = bytes;
        k->shared_bytes += bytes;
        return k->shared_bytes <= SHARED_BYTES || fail(p, "%zu bytes of shared memory; a block has %d", k->shared_bytes, SHARED_BYTES);
    }
    return fail(p, "'%s' is not emulated", text);
}

// .param .b32 name  and  .param .align 8 .b8 name[16]
static bool parse_parameter(parser *p, const char *text)
{
    char name[64], type[8];
    size_t bytes = 0, alignment;
    if (sscanf(text, ".param .align %zu .b8 %63[^[][%zu]", &alignment, name, &bytes) != 3) {
        if (sscanf(text, ".param .%7s %63s", type, name) != 2) return fail(p, "'%s' is not emulated", text);
        alignment = bytes = (size_t)atoi(type + 1) / 8;
    }
    if (bytes == 0) return fail(p, "'%s' has no size", text);
    kernel *k = p->made;
    k->parameter_bytes = (k->parameter_bytes + alignment - 1) / alignment * alignment;
    symbol *made = add(&p->parameters, name);
    made->offset = (int64_t)k->parameter_bytes;
    made->bytes = bytes;
    k->parameter_bytes += bytes;
    return true;
}

static bool resolve(parser *p)
{
    kernel *k = p->made;
    for (int i = 0; i < k->length; i++)
        if (p->targets[i]) {
            symbol *label = find(&p->labels, p->targets[i]);
            p->line = k->code[i].line;
            if (label == NULL) return fail(p, "there is no label %s", p->targets[i]);
            k->code[i].target = (int32_t)label->offset;
        }
    const instruction *last = k->length ? k->code + k->length - 1 : NULL;
    return last && last->guard == NONE && (last->operation == RETURN || last->operation == BRANCH) ? true : fail(p, "the kernel runs over its end");
}

// The next statement, without comments, blanks as one space; its end is what follows it: ; { } , ( ) or a label's colon.
static char next(const char **text, parser *p, char *statement, size_t bytes, bool in_body)
{
    size_t length = 0;
    int braces = 0;
    for (const char *at = *text; *at; at++) {
        if (at[0] == '/' && at[1] == '/') at += strcspn(at, "\n");
        if (*at == '\n') p->line++;
        // Braces within a body's statement hold a vector.
        if (in_body && length > 0 && *at == '{') braces++;
        bool ends = braces == 0 && (strchr(";{}", *at) || (in_body ? *at == ':' : strchr(",()", *at) != NULL));
        if (braces > 0 && *at == '}') braces--;
        if (ends || (!in_body && *at == '\n' && length > 0 && statement[0] == '.' && strncmp(statement, ".visible", 8) != 0 && strncmp(statement, ".param", 6) != 0)) {
            while (length > 0 && statement[length - 1] == ' ') length--;
            statement[length] = 0;
            *text = at + 1;
            return *at;
        }
        char c = isspace(*at) ? ' ' : *at;
        if (length + 1 < bytes && !(c == ' ' && (length == 0 || statement[length - 1] == ' '))) statement[length++] = c;
    }
    statement[0] = 0;
    return 0;
}

static bool parse(parser *p, const char *text)
{
    char statement[512], end;
    kernel *k = p->made;
    bool named = false;
    while ((end = next(&text, p, statement, sizeof statement, false)) != '{') {
        if (end == 0) return fail(p, "there is no kernel");
        if (sscanf(statement, ".visible .entry %127s", k->name) == 1) named = true;
        else if (strncmp(statement, ".param", 6) == 0) { if (!parse_parameter(p, statement)) return false; }
        else if (sscanf(statement, ".maxntid %u", &k->most_threads) == 1 || isdigit(*statement)) continue;
        else if (*statement && strncmp(statement, ".minnctapersm", 13) && strncmp(statement, ".version", 8) && strncmp(statement, ".target", 7) && strncmp(statement, ".address_size", 13)) return fail(p, "'%s' is not emulated", statement);
    }
    if (!named) return fail(p, "the kernel has no name");
    while ((end = next(&text, p, statement, sizeof statement, true)) != '}') {
        if (end == 0) return fail(p, "the kernel's end is missing");
        if (end == ':') add(&p->labels, statement)->offset = k->length;
        else if (*statement == '.') { if (!parse_declaration(p, statement)) return false; }
        else if (*statement && !parse_instruction(p, statement)) return false;
    }
    return resolve(p);
}

kernel *ptx_parse(const char *text, char *problem, size_t problem_bytes)
{
    size_t most = 1;
    for (const char *at = text; *at; at++) most += *at == ';';
    kernel *k = calloc(1, sizeof *k);
    k->most_threads = MOST_THREADS;
    k->code = calloc(most, sizeof *k->code);
    k->lines = calloc(most, sizeof *k->lines);
    parser p = { .made = k, .targets = calloc(most, sizeof *p.targets), .line = 1, .problem = problem, .problem_bytes = problem_bytes };
    bool right = parse(&p, text);
    for (size_t i = 0; i < most; i++) free(p.targets[i]);
    free(p.targets);
    free(p.parameters.items);
    free(p.shared.items);
    free(p.labels.items);
    if (right) {
        ptx_find_meetings(k);
        return k;
    }
    ptx_free(k);
    return NULL;
}

void ptx_free(kernel *k)
{
    for (int i = 0; i < k->length; i++) free(k->lines[i]);
    free(k->lines);
    free(k->code);
    free(k->constants);
    free(k);
}

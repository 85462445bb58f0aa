#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "services/api/core/doc.h"
#include "tests/unit/unit.h"

static const char *const declared[] = {
#define FIELD(kind, NAME, type, stored) #kind "_" #NAME " " #type " " stored,
#define HASH(kind, NAME, stored)        #kind "_" #NAME " hash " stored,
#include "services/api/core/fields.def"
#undef FIELD
#undef HASH
};

static const char *const stored_names[] = {
#include "tests/unit/api/stored_names.def"
};

START_TEST(what_is_stored_keeps_its_name_and_type)
{
	for (size_t i = 0; i < ARRAY_LEN(stored_names); i++) {
		ck_assert_msg(i < ARRAY_LEN(declared), "%s is gone",
			      stored_names[i]);
		ck_assert_str_eq(declared[i], stored_names[i]);
	}
	ck_assert_msg(ARRAY_LEN(declared) == ARRAY_LEN(stored_names),
		      "not in stored_names.def: %s",
		      declared[ARRAY_LEN(stored_names)]);
}
END_TEST

static struct pool pool;

static struct json_object *object(void)
{
	return pool_json(&pool, json_object_new_object());
}

/* O, which is {"stored": VALUE}, after its way through Redis. */
static struct json_object *reread(struct json_object *o, struct field f,
				  const char *value)
{
	const char *text = pool_printf(&pool, "{\"%s\":%s}", f.name, value);
	bool ok;

	ck_assert_str_eq(js_dump(o), text);
	o = js_parse(&pool, text, strlen(text), &ok);
	ck_assert(ok && field_has(o, f));
	return o;
}

/* The documents of every kind that has F, one after the other:
 * begun with DOC_KINDS. */
static bool next(struct doc *d, struct field f)
{
	int k = d->kind == DOC_KINDS ? 0 : (int)d->kind + 1;

	while (k < DOC_KINDS && !(f.kinds & BIT(k)))
		k++;
	d->kind = (enum doc_kind)k;
	d->j = object();
	return k < DOC_KINDS;
}

static void trip_text(struct field_text f)
{
	struct json_object *o = object();

	ck_assert_str_eq(field_text(o, f), "");
	field_set_text(o, f, "t");
	o = reread(o, f.of, "\"t\"");
	ck_assert_str_eq(field_text(o, f), "t");
	for (struct doc d = { .kind = DOC_KINDS }; next(&d, f.of);) {
		doc_set_text(&d, f, "t");
		ck_assert_str_eq(js_dump(d.j), js_dump(o));
		ck_assert_str_eq(doc_text(&d, f), "t");
	}
}

static void trip_int(struct field_int f)
{
	struct json_object *o = object();

	ck_assert_int_eq(field_int(o, f, -7), -7);
	field_set_int(o, f, INT64_MAX);
	o = reread(o, f.of, "9223372036854775807");
	ck_assert_int_eq(field_int(o, f, 0), INT64_MAX);
	for (struct doc d = { .kind = DOC_KINDS }; next(&d, f.of);) {
		doc_set_int(&d, f, INT64_MAX);
		ck_assert_str_eq(js_dump(d.j), js_dump(o));
		ck_assert_int_eq(doc_int(&d, f, 0), INT64_MAX);
	}
}

static void trip_bool(struct field_bool f)
{
	struct json_object *o = object();

	ck_assert(field_bool(o, f, true) && !field_bool(o, f, false));
	field_set_bool(o, f, true);
	o = reread(o, f.of, "true");
	ck_assert(field_bool(o, f, false));
	for (struct doc d = { .kind = DOC_KINDS }; next(&d, f.of);) {
		doc_set_bool(&d, f, true);
		ck_assert_str_eq(js_dump(d.j), js_dump(o));
		ck_assert(doc_bool(&d, f, false));
	}
}

static void trip_list(struct field_list f)
{
	struct json_object *o = object();

	ck_assert_ptr_null(field_list(o, f));
	field_set_list(o, f, json_object_new_array());
	o = reread(o, f.of, "[]");
	ck_assert_ptr_nonnull(field_list(o, f));
	for (struct doc d = { .kind = DOC_KINDS }; next(&d, f.of);) {
		doc_set_list(&d, f, json_object_new_array());
		ck_assert_str_eq(js_dump(d.j), js_dump(o));
		ck_assert_ptr_nonnull(doc_list(&d, f));
	}
}

static void trip_obj(struct field_obj f)
{
	struct json_object *o = object();

	ck_assert_ptr_null(field_obj(o, f));
	field_set_obj(o, f, json_object_new_object());
	o = reread(o, f.of, "{}");
	ck_assert_ptr_nonnull(field_obj(o, f));
	for (struct doc d = { .kind = DOC_KINDS }; next(&d, f.of);) {
		doc_set_obj(&d, f, json_object_new_object());
		ck_assert_str_eq(js_dump(d.j), js_dump(o));
		ck_assert_ptr_nonnull(doc_obj(&d, f));
	}
}

START_TEST(every_kind_reads_what_it_has_written)
{
#define FIELD(kind, NAME, type, stored) trip_##type(kind##_##NAME);
#define HASH(kind, NAME, stored)
#include "services/api/core/fields.def"
#undef FIELD
#undef HASH
	pool_fini(&pool);
}
END_TEST

START_TEST(a_kind_has_no_two_members_of_one_name)
{
	static const struct field *const all[] = {
#define FIELD(kind, NAME, type, stored) &kind##_##NAME.of,
#define HASH(kind, NAME, stored)
#include "services/api/core/fields.def"
#undef FIELD
#undef HASH
	};

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		for (size_t n = 0; n < i; n++)
			ck_assert_msg(
				!(all[i]->kinds & all[n]->kinds) ||
					strcmp(all[i]->name, all[n]->name) != 0,
				"two members are %s", all[i]->name);
}
END_TEST

/* How the process ends that reads F of a document of KIND. */
static int end_of_reading(enum doc_kind kind, struct field_text f)
{
	int status;
	pid_t child = fork();

	ck_assert_int_ge(child, 0);
	if (child == 0) {
		struct doc d = { .kind = kind };

		fclose(stderr);
		_exit(*doc_text(&d, f) != 0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

START_TEST(a_member_of_another_kind_ends_the_process)
{
	ck_assert_int_eq(end_of_reading(DOC_USER, USER_EMAIL), 0);
	ck_assert_int_eq(end_of_reading(DOC_DEVICE, USER_EMAIL), SIGABRT);
	ck_assert_int_eq(end_of_reading(DOC_USER_GROUP, GROUP_NOTE), 0);
	ck_assert_int_eq(end_of_reading(DOC_DEVICE_GROUP, GROUP_NOTE), 0);
	ck_assert_int_eq(end_of_reading(DOC_USER, GROUP_NOTE), SIGABRT);
	ck_assert_int_eq(end_of_reading(DOC_USER, TAG_NAME), SIGABRT);
}
END_TEST

START_TEST(no_document_has_no_members)
{
	ck_assert_str_eq(doc_text(NULL, USER_NAME), "");
	ck_assert_int_eq(doc_int(NULL, USER_STATUS, 1), 1);
	ck_assert(doc_bool(NULL, USER_IS_ADMIN, true));
	ck_assert_ptr_null(doc_list(NULL, USER_ADMIN_ROLES));
	ck_assert_ptr_null(doc_obj(NULL, DEVICE_INFO));
	ck_assert(!doc_has(NULL, USER_NAME.of));
	ck_assert_ptr_null(doc_any(NULL, USER_NAME.of));
}
END_TEST

UNIT_MAIN("fields", what_is_stored_keeps_its_name_and_type,
	  every_kind_reads_what_it_has_written,
	  a_kind_has_no_two_members_of_one_name,
	  a_member_of_another_kind_ends_the_process, no_document_has_no_members)
